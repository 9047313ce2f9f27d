"""The kinds of node of the criteria language, one file a kind of input: what each says in YAML and what it means."""
