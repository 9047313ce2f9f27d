"""The CDS Hooks protocol: discovery, requests, prefetch and cards; nothing clinical."""
