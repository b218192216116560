import '@fontsource-variable/ibm-plex-sans/wght.css';
import '@fontsource/ibm-plex-mono/latin-400.css';
import './tokens/tokens.css';
import './tokens/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { preferences } from './shared/preferences.svelte';
import RestrictedWindow from './shell/RestrictedWindow.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('The page has no place for the application.');
// What was set and kept is there before the first picture, so that nothing jumps.
await preferences.read();
mount(preferences.mode === 'aggregates' ? RestrictedWindow : App, { target });
