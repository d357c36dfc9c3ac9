include(CMakePackageConfigHelpers)

install(TARGETS unroot_program unroot_static unroot_shared EXPORT unroot-targets)
install(DIRECTORY include/unroot DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# Relative to the .pc file, so that the installed tree can be moved.
file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${PROJECT_SOURCE_DIR}/cmake/unroot.pc.in ${PROJECT_BINARY_DIR}/unroot.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/unroot.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/unroot)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/unroot-config.cmake.in ${PROJECT_BINARY_DIR}/unroot-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/unroot-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/unroot-config.cmake ${PROJECT_BINARY_DIR}/unroot-config-version.cmake
  DESTINATION ${package_dir})
install(EXPORT unroot-targets NAMESPACE unroot:: DESTINATION ${package_dir})
