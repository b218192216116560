/** Whether the list of keys is shown. */
class KeysDialogState {
  open = $state(false);
}

export const keysDialog = new KeysDialogState();
