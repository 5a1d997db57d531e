# find_package(parbench): the targets parbench::parbench, and parbench::parbench_static.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/parbenchTargets.cmake)
