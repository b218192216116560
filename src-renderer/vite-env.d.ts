/// <reference types="vite/client" />

interface Window {
  readonly deltascope: import('../src-shared/contract/bridge').Bridge;
}

declare module '@fontsource-variable/ibm-plex-sans/wght.css';
declare module '@fontsource/ibm-plex-mono/latin-400.css';
