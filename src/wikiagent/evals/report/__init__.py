"""What is printed and written about a run: a table, JSON, JUnit XML, and one HTML file."""
