"""land: what a region delivered, as received; every record kept with file, line, arrival and row hash."""
