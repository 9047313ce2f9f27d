"""What people see: the demo's pages."""
