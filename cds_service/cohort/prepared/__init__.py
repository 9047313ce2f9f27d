"""The prepared store: an export sorted by patient, with an index of its codes, so that later runs read only what they need."""
