"""What a command still lacks, made on the way: steps in a row, each with its own defaults."""
