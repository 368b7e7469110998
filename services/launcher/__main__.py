"""`python -m services.launcher`: the `ujuzi` command."""

from services.launcher.main import main

if __name__ == "__main__":
    main()
