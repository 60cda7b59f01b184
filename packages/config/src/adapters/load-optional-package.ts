import { adapterFailure, importModule } from "./import-module.ts";
import { folderOf, resolvePackage } from "./resolve-package.ts";

/**
 * Loads a package that is installed only by those who use it. It is looked for beside the program alone, never in the working directory, which
 * may belong to others. Throws `CONFIG_PACKAGE_NOT_FOUND` or `CONFIG_PACKAGE_BROKEN`.
 *
 * @param purpose what needs it, for the message.
 * @param from file URLs of modules, or folders, of the program.
 */
export async function loadOptionalPackage(
  name: string,
  { purpose, from }: { readonly purpose: string; readonly from: readonly string[] },
): Promise<Readonly<Record<string, unknown>>> {
  const folders = [...new Set(from.map(folderOf))];
  for (const folder of folders) {
    const resolution = resolvePackage(name, folder);
    if (resolution.type === "broken")
      throw adapterFailure("CONFIG_PACKAGE_BROKEN", `${name} cannot be loaded: ${resolution.reason}`);
    if (resolution.type === "found") return importModule(name, resolution.file);
  }
  throw adapterFailure(
    "CONFIG_PACKAGE_NOT_FOUND",
    `${purpose} needs the package ${name}, which is not installed; looked for it from ${folders.join(", ")}`,
    `npm install ${name}, in the same place as this program`,
  );
}
