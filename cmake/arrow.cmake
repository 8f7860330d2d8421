# Apache Arrow and Parquet C++ as ./dev setup unpacks them; makes the targets lw_arrow and lw_parquet where they are
# there.
file(GLOB lw_arrow_roots ${CMAKE_SOURCE_DIR}/.cache/arrow/*/ok)
list(SORT lw_arrow_roots COMPARE NATURAL ORDER DESCENDING)
set(lw_arrow_root "")
if(lw_arrow_roots)
  list(GET lw_arrow_roots 0 lw_arrow_root)
  cmake_path(GET lw_arrow_root PARENT_PATH lw_arrow_root)
endif()
set(LW_ARROW_ROOT "${lw_arrow_root}" CACHE PATH "Folder with include/ and lib/ of Arrow and Parquet C++")
if(LW_ARROW_ROOT)
  foreach(name IN ITEMS arrow parquet)
    add_library(lw_${name} SHARED IMPORTED GLOBAL)
    file(REAL_PATH ${LW_ARROW_ROOT}/lib/lib${name}.so lw_location)
    set_target_properties(lw_${name} PROPERTIES IMPORTED_LOCATION ${lw_location}
      INTERFACE_INCLUDE_DIRECTORIES ${LW_ARROW_ROOT}/include)
  endforeach()
  target_link_libraries(lw_parquet INTERFACE lw_arrow)
endif()
