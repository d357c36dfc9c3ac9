# The libraries export the public functions and nothing else: cmake -DNM= -DSHARED= -DSTATIC= -P symbols.cmake
cmake_minimum_required(VERSION 3.25)

function(check_symbols library)
  execute_process(COMMAND ${NM} ${ARGN} --defined-only ${library} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  if(NOT output MATCHES " unroot_run\n")
    message(SEND_ERROR "${library} does not export unroot_run")
  endif()
  string(REGEX MATCHALL "[^\n]+ [A-Z] [^\n]+" lines "${output}")
  foreach(line IN LISTS lines)
    # Sanitizers and coverage add symbols of their own, which begin with two underscores.
    if(NOT line MATCHES " unroot_[a-z_]+$" AND NOT line MATCHES " (__[a-z]|_init$|_fini$)")
      message(SEND_ERROR "${library} exports ${line}")
    endif()
  endforeach()
endfunction()

check_symbols(${SHARED} -D)
check_symbols(${STATIC} -g)
