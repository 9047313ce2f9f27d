"""Getting a hospital's data by Bulk Data export, or patient by patient."""
