#include "tinyc/Runtime.h"

unsigned tinycRuntimeVersion() { return 1; }
