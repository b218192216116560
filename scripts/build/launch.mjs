// @ts-check

/**
 * Tells whether a window can be shown.
 *
 * @param {string} platform
 * @param {NodeJS.ProcessEnv} env
 * @returns {boolean}
 */
export function hasDisplay(platform, env) {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/**
 * @param {string} root the checkout
 * @param {number | undefined} user
 * @returns {string[]} arguments for Electron; Chromium refuses its sandbox to root
 */
export function launchArguments(root, user) {
  return user === 0 ? [root, '--no-sandbox'] : [root];
}
