# Builds content/ into the program: content.S carries the bytes, and the trees of YAML tables that lw_pack_content made
# of them; content_table.cc the names. base/content.h reads them.
file(GLOB_RECURSE lw_content_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/content ${CMAKE_SOURCE_DIR}/content/*)
list(SORT lw_content_files)
set(lw_asm ".section .rodata\n")
set(lw_externs "")
set(lw_rows "")
set(lw_inputs "")
set(lw_index 0)
foreach(name IN LISTS lw_content_files)
  string(APPEND lw_asm ".globl lw_content_${lw_index}\n.globl lw_content_${lw_index}_end\nlw_content_${lw_index}:\n"
    ".incbin \"${CMAKE_SOURCE_DIR}/content/${name}\"\nlw_content_${lw_index}_end:\n.byte 0\n")
  string(APPEND lw_externs "extern const char lw_content_${lw_index}[], lw_content_${lw_index}_end[];\n")
  string(APPEND lw_rows "    {\"${name}\", lw_content_${lw_index}, lw_content_${lw_index}_end},\n")
  list(APPEND lw_inputs ${CMAKE_SOURCE_DIR}/content/${name})
  math(EXPR lw_index "${lw_index} + 1")
endforeach()
set(lw_trees ${CMAKE_BINARY_DIR}/content/trees.bin)
string(APPEND lw_asm ".balign 8\n.globl lw_content_trees\nlw_content_trees:\n.incbin \"${lw_trees}\"\n")
string(APPEND lw_asm ".section .note.GNU-stack,\"\",@progbits\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/content/content.S CONTENT "${lw_asm}" @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/content/content_table.cc CONTENT "#include \"base/content.h\"
extern \"C\" {
${lw_externs}}
namespace landwarden::content {
std::span<const BuiltIn> built_in() {
  static const BuiltIn table[] = {
${lw_rows}    {\"\", nullptr, nullptr},
  };
  return {table, ${lw_index}};
}
}  // namespace landwarden::content
" @ONLY)
set_source_files_properties(${CMAKE_BINARY_DIR}/content/content.S PROPERTIES OBJECT_DEPENDS "${lw_inputs};${lw_trees}")

list(JOIN lw_content_files "\n" lw_names)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/content/names.txt CONTENT "${lw_names}\n" @ONLY)
find_library(LW_YAML yaml REQUIRED)
set(lw_base_folder ${CMAKE_SOURCE_DIR}/src/base)
add_executable(lw_pack_content ${lw_base_folder}/pack_content_main.cc ${lw_base_folder}/yaml.cc
  ${lw_base_folder}/yaml_packing.cc ${lw_base_folder}/yaml_scalar.cc ${lw_base_folder}/text.cc
  ${lw_base_folder}/result.cc)
target_include_directories(lw_pack_content PRIVATE ${CMAKE_SOURCE_DIR}/src)
find_package(fmt REQUIRED)
target_link_libraries(lw_pack_content PRIVATE fmt::fmt ${LW_YAML})
list(FILTER lw_inputs EXCLUDE REGEX "/content/rules/")
add_custom_command(OUTPUT ${lw_trees}
  COMMAND lw_pack_content ${lw_trees} ${CMAKE_SOURCE_DIR}/content ${CMAKE_BINARY_DIR}/content/names.txt
  DEPENDS lw_pack_content ${lw_inputs} ${CMAKE_BINARY_DIR}/content/names.txt VERBATIM)
