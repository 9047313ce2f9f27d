"""What each command of the command line does; `cds_service.cli` only parses the words."""
