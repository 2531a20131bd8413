"""What every service needs and none is about."""

import warnings

# It says so at each import; decision 0001 says why we live with it.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
