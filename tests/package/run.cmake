# Installs the build, and builds a program against it with find_package and with pkg-config.
cmake_minimum_required(VERSION 3.25)
set(work ${BUILD_DIR}/tests/package)
file(REMOVE_RECURSE ${work})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${work}/prefix
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${work}/build -G ${GENERATOR} -DCMAKE_C_COMPILER=${COMPILER}
  -DCMAKE_PREFIX_PATH=${work}/prefix COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build COMMAND_ERROR_IS_FATAL ANY)
foreach(program with_package_shared with_package_static with_pkg_config)
  execute_process(COMMAND ${work}/build/${program} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
