"""The cohort run on Apache Spark: the functions of the local run over lines from wherever Spark can read, on as many machines as it has."""
