// A library of others that is loaded when it is first needed, and then stays for the life of the process:
// what few runs need should cost no start. Any thread.

#pragma once

#include <string>

#include "base/result.h"

namespace landwarden {

class SharedLibrary {
 public:
  /// By its name with version ("libarchive.so.13"), where the system's loader looks for libraries. What the
  /// loader says is in the error.
  [[nodiscard]] static Result<SharedLibrary> load(const std::string& name);

  /// Sets `function` to the library's of that name. The caller vouches for its type, by the library's header.
  template <class Function>
  [[nodiscard]] Result<void> find(const char* name, Function*& function) const {
    const auto found = address(name);
    if (!found) return std::unexpected(found.error());
    function = reinterpret_cast<Function*>(*found);
    return {};
  }

 private:
  explicit SharedLibrary(void* handle) : handle_(handle) {}
  [[nodiscard]] Result<void*> address(const char* name) const;

  void* handle_;
};

}  // namespace landwarden
