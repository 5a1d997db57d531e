# `cmake --install`: what goes where cmake/layout.cmake says.
include(CMakePackageConfigHelpers)

# pb_install_link(TO PATH): a symbolic link below the prefix.
function(pb_install_link to path)
  install(CODE "
    set(link \"\${CMAKE_INSTALL_PREFIX}/${path}\")
    get_filename_component(folder \"\$ENV{DESTDIR}\${link}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    file(CREATE_LINK \"${to}\" \"\$ENV{DESTDIR}\${link}\" SYMBOLIC)
    list(APPEND CMAKE_INSTALL_MANIFEST_FILES \"\${link}\")
    message(STATUS \"Installing: \$ENV{DESTDIR}\${link}\")")
endfunction()

# ---- The program ----

# The old kind of run path, which counts for what its libraries need, too: a tarball brings them (package/bundle.cmake).
set_target_properties(bench PROPERTIES INSTALL_RPATH "$ORIGIN/${from_program}" BUILD_WITH_INSTALL_RPATH ON)
target_link_options(bench PRIVATE LINKER:--disable-new-dtags)
install(TARGETS bench RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
pb_install_link(bench ${CMAKE_INSTALL_BINDIR}/${PROJECT_NAME})

# ---- What the program and the library open ----

# MPI's modules need an MPI, which few have: each is a component of its own, called as its MPI, and a package of its own.
get_property(modules GLOBAL PROPERTY PB_MODULES)
set(components "")
foreach(module ${modules})
  if(module MATCHES "-mpi-(.*)")
    install(TARGETS ${module} LIBRARY DESTINATION ${PB_SHIPPED} COMPONENT ${CMAKE_MATCH_1} EXCLUDE_FROM_ALL)
    list(APPEND components ${CMAKE_MATCH_1})
  else()
    install(TARGETS ${module} LIBRARY DESTINATION ${PB_SHIPPED})
  endif()
endforeach()
install(DIRECTORY src/python/parbench_runner DESTINATION ${PB_SHIPPED}/python FILES_MATCHING PATTERN "*.py"
        PATTERN __pycache__ EXCLUDE)
install(DIRECTORY src/wrap DESTINATION ${PB_SHIPPED})
pb_relative(to_headers ${PB_SHIPPED}/include ${CMAKE_INSTALL_INCLUDEDIR})
pb_install_link(${to_headers}${PROJECT_NAME} ${PB_SHIPPED}/include/${PROJECT_NAME})

# ---- The library ----

target_include_directories(parbench_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_include_directories(parbench_archive INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(parbench_archive INTERFACE "$<INSTALL_INTERFACE:Threads::Threads;m;${CMAKE_DL_LIBS}>")
set_target_properties(parbench_shared PROPERTIES EXPORT_NAME parbench)
set_target_properties(parbench_archive PROPERTIES EXPORT_NAME parbench_static)
install(TARGETS parbench_shared parbench_archive EXPORT parbench
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY src/include/parbench DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

pb_relative(to_prefix ${CMAKE_INSTALL_LIBDIR}/pkgconfig .)
string(REGEX REPLACE "/+$" "" to_prefix ${to_prefix})
configure_file(cmake/package/parbench.pc.in ${PROJECT_BINARY_DIR}/package/parbench.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/parbench.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(config ${CMAKE_INSTALL_LIBDIR}/cmake/${PROJECT_NAME})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/parbenchConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES cmake/package/parbenchConfig.cmake ${PROJECT_BINARY_DIR}/package/parbenchConfigVersion.cmake
        DESTINATION ${config})
install(EXPORT parbench NAMESPACE parbench:: FILE parbenchTargets.cmake DESTINATION ${config})

# ---- What people read ----

install(DIRECTORY share/man/ DESTINATION ${CMAKE_INSTALL_MANDIR})
pb_install_link(bench.1 ${CMAKE_INSTALL_MANDIR}/man1/${PROJECT_NAME}.1)
# "man pb_submit": of the library there is one page, whose synopsis has all.
file(READ share/man/man3/parbench.3 page)
string(REGEX REPLACE "\n[.]SH DESCRIPTION.*" "" page "${page}")
string(REGEX MATCHALL "pb_[a-z_]+[(]" functions "${page}")
foreach(function ${functions})
  string(REPLACE "(" "" function ${function})
  pb_install_link(parbench.3 ${CMAKE_INSTALL_MANDIR}/man3/${function}.3)
endforeach()
set(completions ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES share/bash-completion/completions/bench DESTINATION ${completions})
pb_install_link(bench ${completions}/${PROJECT_NAME})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN CMakeLists.txt EXCLUDE)
