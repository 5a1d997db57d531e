# What `cpack` makes of an installed tree: Debian packages, one for all and one beside it for each MPI, and a tarball for
# machines on which nobody is root, without MPI. scripts/package makes them.
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_PACKAGE_VENDOR "parbench developers")
set(CPACK_PACKAGE_CONTACT "parbench developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tells whether work really runs in parallel, and what stops it")
set(CPACK_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL Unspecified ${components})
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_NAME ${PROJECT_NAME})
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_RECOMMENDS python3)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_SUGGESTS
    "parbench-openmpi | parbench-mpich, gcc | c-compiler, libc6-dev, pkgconf, bash-completion")
set(CPACK_DEBIAN_UNSPECIFIED_DESCRIPTION
    "bench runs a workload, a function of yours in C or Python, or a whole program\nunder threads, processes, OpenMP and \
an event loop, and tells by how much each is\nfaster than one worker, how sure that is, and what stands in the way.\n.\nIts \
library has executors and futures for C, as Python's concurrent.futures.")
configure_file(cmake/package/prerm.in ${PROJECT_BINARY_DIR}/package/prerm @ONLY)
set(CPACK_DEBIAN_UNSPECIFIED_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/prerm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(launcher_openmpi openmpi-bin)
set(launcher_mpich mpich)
foreach(mpi ${components})
  string(TOUPPER ${mpi} name)
  set(CPACK_DEBIAN_${name}_PACKAGE_NAME ${PROJECT_NAME}-${mpi})
  set(CPACK_DEBIAN_${name}_PACKAGE_DEPENDS "${PROJECT_NAME} (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_${name}_PACKAGE_RECOMMENDS ${launcher_${mpi}})
  set(CPACK_DEBIAN_${name}_DESCRIPTION
      "beyond one machine, under ${PB_MPI_NAME_${mpi}}\nLets bench and its library start ranks on several hosts: the executor mpi.")
endforeach()

# The tarball has the libraries along without which the program does not start.
configure_file(cmake/package/bundle.cmake.in ${PROJECT_BINARY_DIR}/package/bundle.cmake @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_BINARY_DIR}/package/bundle.cmake)
include(CPack)
