"""What a hospital's IT has to type into its EHR so that the service is called."""
