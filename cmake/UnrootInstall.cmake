include(CMakePackageConfigHelpers)

install(TARGETS unroot_program unroot_static unroot_shared EXPORT unroot-targets)
if(UNROOT_BOT)
  install(TARGETS unroot_bot_program)
endif()
install(DIRECTORY include/unroot DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE docs/unroot.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR})

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

# Completions, written by the program itself; man pages where scdoc is there.
foreach(shell bash zsh fish)
  set(completion ${PROJECT_BINARY_DIR}/completions/${shell})
  add_custom_command(OUTPUT ${completion}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/completions
    COMMAND unroot_program completion ${shell} > ${completion}
    DEPENDS unroot_program VERBATIM)
  list(APPEND completions ${completion})
endforeach()
add_custom_target(completions ALL DEPENDS ${completions})
install(FILES ${PROJECT_BINARY_DIR}/completions/bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME unroot)
install(FILES ${PROJECT_BINARY_DIR}/completions/zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _unroot)
install(FILES ${PROJECT_BINARY_DIR}/completions/fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME unroot.fish)

find_program(SCDOC scdoc)
if(SCDOC)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.scd)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/man)
  foreach(page IN LISTS pages)
    cmake_path(GET page STEM LAST_ONLY name) # unroot.1
    cmake_path(GET name EXTENSION section)
    string(SUBSTRING ${section} 1 1 section)
    set(made ${PROJECT_BINARY_DIR}/man/${name})
    add_custom_command(OUTPUT ${made} COMMAND ${SCDOC} < ${page} > ${made} DEPENDS ${page} VERBATIM)
    install(FILES ${made} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    list(APPEND made_pages ${made})
  endforeach()
  add_custom_target(man ALL DEPENDS ${made_pages})
endif()

# cpack -G DEB
set(CPACK_PACKAGE_CONTACT "The unroot authors <unroot@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "${PROJECT_DESCRIPTION}")
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)
