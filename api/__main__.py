"""`python -m api`: the same as `zhike`."""

from api.cli import main

if __name__ == "__main__":
    main()
