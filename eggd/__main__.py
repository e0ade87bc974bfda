"""`python3 -m eggd`: the command line."""

from eggd.cli.main import main

if __name__ == "__main__":
    main()
