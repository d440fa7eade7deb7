"""Files that officers must send: data files of Circular 10/2021, and reports."""
