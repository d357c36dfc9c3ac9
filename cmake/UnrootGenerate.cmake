# Sources made at build time: files as C arrays, and the table of rules.

# Makes a C source with `const struct embedded NAME[]` (src/base/embedded.h), one entry for each FILE in the order
# given, and gives its path in OUT. PATHS are the names under which the program finds them.
function(unroot_embed out name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "FILES;PATHS")
  set(source ${PROJECT_BINARY_DIR}/generated/${name}.c)
  list(JOIN arg_FILES "|" files)
  list(JOIN arg_PATHS "|" paths)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${source} -DNAME=${name} "-DFILES=${files}" "-DPATHS=${paths}"
      -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${arg_FILES} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
    VERBATIM)
  set(${out} ${source} PARENT_SCOPE)
endfunction()

function(unroot_embed_templates out)
  set(root ${PROJECT_SOURCE_DIR}/templates)
  file(GLOB_RECURSE paths RELATIVE ${root} CONFIGURE_DEPENDS ${root}/*)
  list(SORT paths)
  list(TRANSFORM paths PREPEND ${root}/ OUTPUT_VARIABLE files)
  unroot_embed(source templates_embedded FILES ${files} PATHS ${paths})
  set(${out} ${source} PARENT_SCOPE)
endfunction()

# A rule is a file in src/rules: some_rule.c defines `const struct rule rule_some_rule` and is documented and
# tested in golden/some-rule/.
function(unroot_collect_rules out)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/rules/*.c)
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM stem)
    string(REPLACE "_" "-" id ${stem})
    list(APPEND ids ${id})
  endforeach()
  list(SORT ids)
  foreach(id IN LISTS ids)
    set(page ${PROJECT_SOURCE_DIR}/golden/${id}/README.md)
    if(NOT EXISTS ${page})
      message(FATAL_ERROR "The rule ${id} has no golden/${id}/README.md: a rule comes with its page and its cases.")
    endif()
    list(APPEND pages ${page})
    string(REPLACE "-" "_" symbol rule_${id})
    string(APPEND declarations "extern const struct rule ${symbol};\n")
    string(APPEND entries "\t&${symbol},\n")
  endforeach()
  list(LENGTH ids count)
  set(table ${PROJECT_BINARY_DIR}/generated/rules.c)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/rules.c.in ${table} @ONLY)
  unroot_embed(page_source rule_pages FILES ${pages} PATHS ${ids})
  set(${out} ${table} ${page_source} PARENT_SCOPE)
endfunction()
