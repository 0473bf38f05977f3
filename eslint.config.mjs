import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier/flat';
import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/** DESIGN 1: apps -> (service-kit) -> infra -> contract -> domain; apps never import apps; no `*` rule. */
const layers = {
  domain: [],
  contract: ['domain', 'contract'],
  infra: ['domain', 'contract', 'infra'],
  kit: ['domain', 'contract', 'infra'],
  app: ['domain', 'contract', 'infra', 'kit'],
  testing: ['domain', 'contract', 'infra', 'kit'],
  e2e: ['domain', 'contract', 'infra', 'kit', 'testing'],
  tools: ['domain', 'contract', 'infra', 'kit', 'testing'],
};
const apps = ['data-prep', 'sampling', 'trainer', 'evaluator', 'publisher', 'cli'];

const depConstraints = [
  ...Object.entries(layers).map(([layer, below]) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: below.map((one) => `layer:${one}`),
    ...(layer === 'domain' || layer === 'contract'
      ? {
          bannedExternalImports: [
            '@nestjs/*',
            'typeorm',
            'mysql2',
            '@nats-io/*',
            '@aws-sdk/*',
            '@tensorflow/*',
          ],
        }
      : {}),
  })),
  ...apps.map((app) => ({
    sourceTag: `app:${app}`,
    onlyDependOnLibsWithTags: ['layer:domain', 'layer:contract', 'layer:infra', 'layer:kit'],
  })),
];
/** Specs, and what they share (`spec-*.ts`), may use the test kit, and TensorFlow.js as the peer that loads what we write. */
const specConstraints = depConstraints.map((rule) => ({
  ...rule,
  ...(rule.bannedExternalImports
    ? { bannedExternalImports: rule.bannedExternalImports.filter((name) => name !== '@tensorflow/*') }
    : {}),
  onlyDependOnLibsWithTags: [
    ...rule.onlyDependOnLibsWithTags,
    'layer:testing',
    'layer:infra',
    'layer:contract',
    'layer:domain',
  ],
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

/** Tools whose types are checked. */
const typedTools = JSON.parse(readFileSync('tools/tsconfig.json', 'utf8')).include.map(
  (files) => `tools/${files}`,
);
const promiseRules = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
};

export default tseslint.config(
  {
    ignores: [
      'tools/checks/boundaries-fixture',
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
    ignores: [
      'tools/bench/**/*.entry.mjs',
      'tools/checks/manifests/code-names.entry.mjs',
      // What the command line says of itself.
      'tools/docs/facts.entry.mjs',
      // Runs a lib's own specs, which its index does not name.
      'tools/kernel/kernel-specs.entry.mjs',
    ],
    rules: { '@nx/enforce-module-boundaries': boundaries(depConstraints) },
  },
  {
    files: typedTools,
    ignores: ['**/*.entry.mjs'],
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
