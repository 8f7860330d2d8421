#include "base/shared_library.h"

#include <dlfcn.h>

namespace landwarden {
namespace {

std::unexpected<Error> missing(const std::string& what) {
  const char* const why = ::dlerror();
  return fail(ErrorCode::unsupported, why != nullptr ? std::string(why) : what + " is missing");
}

}  // namespace

Result<SharedLibrary> SharedLibrary::load(const std::string& name) {
  void* const handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return missing(name);
  return SharedLibrary(handle);
}

Result<void*> SharedLibrary::address(const char* name) const {
  void* const found = ::dlsym(handle_, name);
  if (found == nullptr) return missing(name);
  return found;
}

}  // namespace landwarden
