"""The criteria language: a trial definition in, a typed and checked model out, and its one meaning."""
