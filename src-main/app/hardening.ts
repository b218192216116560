import { app, type Session } from 'electron';
import { windowOrigin } from './protocol';

/** Denies what no page of ours needs: permissions, devices, downloads and the network. */
export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => {
    const allowed = details.url.startsWith('app://') || details.url.startsWith('devtools://');
    answer({ cancel: !allowed });
  });
  session.setSpellCheckerLanguages([]);
  session.setSpellCheckerEnabled(false);
}

/** Keeps every page where it was put: no navigation away, no new windows, no embedded pages. */
export function hardenContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    const stay = (event: { preventDefault(): void }, url: string) => {
      if (!url.startsWith(`${windowOrigin}/`)) event.preventDefault();
    };
    contents.on('will-navigate', (event) => stay(event, event.url));
    contents.on('will-redirect', (event) => stay(event, event.url));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}
