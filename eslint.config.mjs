import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier/flat';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';

/** Which layers each layer may import; nothing imports its own layer, except as `WITHIN_A_LAYER` says. */
const LAYERS = {
  domain: [],
  contract: ['domain'],
  engine: ['domain', 'contract'],
  infra: ['domain', 'contract'],
  simulation: ['domain'],
  capability: ['domain', 'contract', 'engine', 'infra'],
  kit: ['domain', 'contract', 'infra'],
  stage: ['domain', 'contract', 'infra', 'kit'],
  app: ['domain', 'contract', 'engine', 'infra', 'capability', 'kit', 'stage'],
  testing: ['domain'],
  e2e: ['domain', 'contract', 'testing'],
  tools: ['domain', 'contract', 'engine', 'infra', 'capability', 'kit', 'stage', 'simulation', 'testing'],
};
/** The exceptions, by name: who imports what of its own layer or beside it. */
const WITHIN_A_LAYER = {
  logistic: ['normalisation'],
  model: ['metrics', 'normalisation'],
  judgement: ['contracts', 'metrics', 'normalisation', 'model'],
  engines: ['training-kernel'],
  ledger: ['mysql'],
  source: ['mysql'],
  dataset: ['object-store'],
  simulator: ['mysql'],
  // A rollback is an action of the fleet, and a fact about versions.
  fleet: ['registry'],
  cli: ['simulator'],
};
const PROJECTS = ['libs', 'apps']
  .flatMap((folder) => readdirSync(join(import.meta.dirname, folder)).map((name) => join(folder, name)))
  .concat('e2e', 'tools')
  .map((folder) => join(import.meta.dirname, folder, 'project.json'))
  // A folder that git has left behind is no project.
  .filter((file) => existsSync(file))
  .map((file) => JSON.parse(readFileSync(file, 'utf8')))
  .map(({ name, tags }) => ({
    name,
    layer: tags.find((tag) => tag.startsWith('layer:')).slice('layer:'.length),
  }));

const depConstraints = PROJECTS.map(({ name, layer }) => ({
  sourceTag: `project:${name}`,
  onlyDependOnLibsWithTags: [
    `project:${name}`,
    ...LAYERS[layer].map((below) => `layer:${below}`),
    ...(WITHIN_A_LAYER[name] ?? []).map((other) => `project:${other}`),
  ],
}));
/** Specs, and what they share (`spec-*.ts`), may use the test kit and the simulated shop. */
const specConstraints = depConstraints.map((rule) => ({
  ...rule,
  onlyDependOnLibsWithTags: [...rule.onlyDependOnLibsWithTags, 'layer:testing', 'layer:simulation'],
}));
const boundaries = (rules) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    allow: [],
    depConstraints: rules,
    checkDynamicDependenciesExceptions: [],
  },
];

const COMPUTED_IMPORTS = [
  'ImportExpression[source.type!="Literal"]',
  'CallExpression[callee.name="require"][arguments.0.type!="Literal"]',
].map((selector) => ({
  selector,
  message: 'Write what is imported as a plain text: a computed one passes all rules about imports.',
}));
/** What they import is known only when they run: releases from history, models by a document's kind, projects. */
const IMPORT_COMPUTED = [
  'tools/releases/build.mjs',
  'tools/checks/manifests/typed-models.mjs',
  'jest.config.js',
];

/** Every way to `process.env` but `process.env` itself: `process` stands only before a plain name, and is not imported. */
const HIDDEN_ENVIRONMENT = [
  'Identifier[name="process"]:not(MemberExpression > .object):not(MemberExpression[computed=false] > .property):not([computed=false] > .key)',
  'MemberExpression[object.name="process"][computed=true]',
  'MemberExpression[object.name=/^(globalThis|global)$/]:matches([property.name="process"], [property.value="process"])',
  'CallExpression[callee.name="require"][arguments.0.value=/^(node:)?process$/]',
  'ImportExpression[source.value=/^(node:)?process$/]',
].map((selector) => ({
  selector,
  message: 'Configuration is read by service-kit only: write process.name for anything else of it.',
}));

const promiseRules = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
};

export default tseslint.config(
  {
    ignores: [
      'tools/checks/*-fixture',
      '**/dist',
      '**/node_modules',
      '**/coverage',
      '**/.nx',
      '**/.stack',
      '**/.cache',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { plugins: { '@nx': nx } },
  {
    files: ['**/*.{ts,mjs,cjs,js}'],
    ignores: IMPORT_COMPUTED,
    rules: { 'no-restricted-syntax': ['error', ...COMPUTED_IMPORTS] },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: ['tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(depConstraints),
      ...promiseRules,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
    ignores: ['**/*spec.ts', '**/conformance/**', 'libs/service-kit/**', 'libs/testing/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Configuration is read by service-kit only.' },
      ],
      'no-restricted-imports': [
        'error',
        ...['process', 'node:process'].map((name) => ({ name, message: 'Use the global process.' })),
      ],
      'no-restricted-syntax': ['error', ...COMPUTED_IMPORTS, ...HIDDEN_ENVIRONMENT],
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['**/*spec.ts', '**/spec-*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(specConstraints) },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', module: 'writable', __dirname: 'readonly', process: 'readonly' },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
        TextDecoder: 'readonly',
      },
    },
  },
  {
    files: ['tools/**/*.mjs'],
    // Runs a lib's own specs, which its index does not name.
    ignores: ['tools/kernel/kernel-specs.entry.mjs'],
    rules: { '@nx/enforce-module-boundaries': boundaries(depConstraints) },
  },
  {
    files: ['tools/**/*.mjs'],
    languageOptions: {
      parserOptions: { project: ['tools/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: promiseRules,
  },
  {
    files: ['tools/**/*.spec.mjs', 'tools/**/*.int-spec.mjs'],
    languageOptions: {
      globals: {
        describe: 'readonly',
        it: 'readonly',
        expect: 'readonly',
        beforeAll: 'readonly',
        afterAll: 'readonly',
        beforeEach: 'readonly',
        afterEach: 'readonly',
      },
    },
  },
  prettier,
);
