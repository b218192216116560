// @ts-check
import { chmod, copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../provision/run-command.mjs';
import { DEBIAN_RUNTIME } from '../provision/system-libraries.mjs';

const NAME = 'deltascope';

/**
 * Makes a Debian package of an unpacked application with `dpkg-deb` alone, which every Debian has.
 * It needs no script at installation: files lie under `/opt`, and Chromium's sandbox helper has the
 * right to it that kernels without unprivileged user namespaces ask for.
 *
 * @param {object} parts
 * @param {string} parts.application folder with the executable `deltascope`
 * @param {string} parts.icon 512 × 512 PNG
 * @param {string} parts.scalableIcon the same as SVG
 * @param {string} parts.output folder for the package
 * @param {{ version: string, description: string, license: string }} parts.about
 * @returns {Promise<string>} the package
 */
export async function makeDebianPackage({ application, icon, scalableIcon, output, about }) {
  const tree = join(output, 'debian');
  const home = join(tree, 'opt/Deltascope');
  const file = join(output, `${NAME}_${about.version}_amd64.deb`);
  await rm(tree, { recursive: true, force: true });
  await mkdir(join(tree, 'opt'), { recursive: true });
  // Hard links where the disk allows: the engine alone has 680 MB.
  await runCommand('cp', ['-a', '--link', application, home]).catch(() =>
    cp(application, home, { recursive: true, verbatimSymlinks: true }),
  );
  await chmod(join(home, 'chrome-sandbox'), 0o4755);
  await place(tree, 'usr/bin', (folder) =>
    symlink('/opt/Deltascope/deltascope', join(folder, NAME)),
  );
  const share = 'usr/share';
  await place(tree, `${share}/applications`, (folder) =>
    writeFile(join(folder, `${NAME}.desktop`), desktopEntry(about)),
  );
  await place(tree, `${share}/icons/hicolor/512x512/apps`, (folder) =>
    copyFile(icon, join(folder, `${NAME}.png`)),
  );
  await place(tree, `${share}/icons/hicolor/scalable/apps`, (folder) =>
    copyFile(scalableIcon, join(folder, `${NAME}.svg`)),
  );
  await place(tree, `${share}/doc/${NAME}`, (folder) =>
    writeFile(join(folder, 'copyright'), copyright(about)),
  );
  const kilobytes = (await runCommand('du', ['-sk', tree])).split('\t')[0] ?? '0';
  await place(tree, 'DEBIAN', (folder) =>
    writeFile(join(folder, 'control'), control(about, kilobytes)),
  );
  await runCommand('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z9', '--build', tree, file]);
  await rm(tree, { recursive: true });
  return file;
}

/** @param {string} tree @param {string} folder @param {(folder: string) => Promise<unknown>} fill */
async function place(tree, folder, fill) {
  await mkdir(join(tree, folder), { recursive: true });
  await fill(join(tree, folder));
}

/** @param {{ version: string, description: string }} about @param {string} kilobytes */
function control({ version, description }, kilobytes) {
  return `Package: ${NAME}
Version: ${version}
Architecture: amd64
Maintainer: The authors of Deltascope <deltascope@localhost>
Installed-Size: ${kilobytes}
Depends: ${DEBIAN_RUNTIME.map((name) => `${name} | ${name}t64`).join(', ')}
Suggests: dataset-fashion-mnist
Section: science
Priority: optional
Description: Why did the model learn to say this?
 ${description}
`;
}

/** @param {{ description: string }} about */
function desktopEntry({ description }) {
  return `[Desktop Entry]
Type=Application
Name=Deltascope
Comment=${description}
Exec=/opt/Deltascope/deltascope %U
Icon=${NAME}
Terminal=false
Categories=Science;Education;
StartupWMClass=Deltascope
`;
}

/** @param {{ license: string }} about */
function copyright({ license }) {
  return `Deltascope is under the ${license} licence. The licences of Electron and Chromium lie in
/opt/Deltascope, those of the packages beside them. TensorFlow is under the Apache License 2.0.
`;
}
