"""`python -m roompricegenie.local_stack`: what `make run` starts."""

import sys

from roompricegenie.local_stack.start import main

sys.exit(main())
