# pb_room(NAME SOURCES... [USES target...]): one folder below src/ is one static library pb_NAME.
function(pb_room name)
  cmake_parse_arguments(room "" "" "USES" ${ARGN})
  add_library(pb_${name} STATIC ${room_UNPARSED_ARGUMENTS})
  target_include_directories(pb_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/src/include)
  target_link_libraries(pb_${name} PUBLIC ${room_USES} Threads::Threads m ${CMAKE_DL_LIBS})
endfunction()

# pb_module(NAME SOURCE... [USES target...]): a shared object that only the runner loads, so that what it needs is needed
# by nothing else. It lies beside the program, and resolves the library's symbols from it.
function(pb_module name)
  cmake_parse_arguments(module "" "" "USES" ${ARGN})
  add_library(parbench-${name} MODULE ${module_UNPARSED_ARGUMENTS})
  set_target_properties(parbench-${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  target_include_directories(parbench-${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/src/include
                                                      ${PROJECT_SOURCE_DIR})
  target_link_libraries(parbench-${name} PRIVATE ${module_USES})
  set_property(GLOBAL APPEND PROPERTY PB_MODULES parbench-${name})
endfunction()
