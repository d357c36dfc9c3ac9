# Links a program fully static, or says why it is not.
include(CheckSourceCompiles)

function(unroot_link_static target)
  set(CMAKE_REQUIRED_LINK_OPTIONS -static)
  set(CMAKE_REQUIRED_LIBRARIES ${pcre2_LIBRARIES} ${jansson_LIBRARIES} ${yaml_LIBRARIES})
  check_source_compiles(C "int main(void) { return 0; }" UNROOT_STATIC_WORKS)
  if(UNROOT_STATIC_WORKS)
    target_link_options(${target} PRIVATE -static)
  else()
    message(STATUS "unroot is linked dynamically: a static libc, pcre2-8, jansson or yaml is missing")
  endif()
endfunction()
