import type { ElectronApplication } from '@playwright/test';

/** Calls of one method between window and main process, by their numbers, in order. */
interface Traffic {
  readonly asked: number[];
  readonly cancelled: number[];
  readonly answered: number[];
}

/** Listens to the calls of a method from now on; what is given back tells what was heard. */
export async function traffic(
  application: ElectronApplication,
  method: string,
): Promise<() => Promise<Traffic>> {
  const heard = await application.evaluateHandle(({ BrowserWindow, ipcMain }, name) => {
    const calls: { asked: number[]; cancelled: number[]; answered: number[] } = {
      asked: [],
      cancelled: [],
      answered: [],
    };
    ipcMain.prependListener('deltascope:request', (_event, message) => {
      if (message.type === 'call' && message.method === name) calls.asked.push(message.id);
      if (message.type === 'cancel' && calls.asked.includes(message.id)) {
        calls.cancelled.push(message.id);
      }
    });
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (!contents) throw new Error('there is no window');
    const send = contents.send.bind(contents);
    contents.send = (channel, message) => {
      if (message?.type === 'result' && calls.asked.includes(message.id)) {
        calls.answered.push(message.id);
      }
      send(channel, message);
    };
    return calls;
  }, method);
  return () => heard.jsonValue();
}
