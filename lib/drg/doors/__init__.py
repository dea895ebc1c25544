"""The only doors to the outside: configuration, Java and jars, Spark sessions, Delta tables."""
