#ifndef TINYC_RUNTIME_H
#define TINYC_RUNTIME_H

/// Version of the interface between compiled programs and their runtime.
unsigned tinycRuntimeVersion();

#endif
