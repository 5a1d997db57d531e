# Where things lie once they are installed: this page alone says it, and install.cmake, the package files and
# src/base/beside.c are told by it. All is relative to the prefix, and the program and the library look for the rest
# from where they are themselves, so an installed tree may be moved as a whole.
if(NOT CMAKE_INSTALL_LIBDIR)
  set(CMAKE_INSTALL_LIBDIR lib)
endif()
include(GNUInstallDirs)

set(PB_SHIPPED ${CMAKE_INSTALL_LIBDIR}/${PROJECT_NAME}) # what only the program and the library themselves open

# pb_relative(OUT FROM TO): the way from one folder of the prefix to another, with a slash at its end.
function(pb_relative out from to)
  file(RELATIVE_PATH way /prefix/${from} /prefix/${to})
  set(${out} ${way}/ PARENT_SCOPE)
endfunction()

pb_relative(from_program ${CMAKE_INSTALL_BINDIR} ${PB_SHIPPED})
pb_relative(from_library ${CMAKE_INSTALL_LIBDIR} ${PB_SHIPPED})
add_compile_definitions(PB_SHIPPED_FROM_PROGRAM="${from_program}" PB_SHIPPED_FROM_LIBRARY="${from_library}")
