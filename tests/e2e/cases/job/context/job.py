"""Writes a report into the current directory."""
try:
    with open("report.txt", "w") as report:
        report.write("42\n")
    print("report written")
except OSError:
    print("report skipped")
