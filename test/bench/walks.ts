/**
 * `npm run bench:walks [-- ROOT]`: how far a reader has to walk who follows four things through the code, as the type
 * checker sees its calls. Prints for each walk the files entered and the returns: calls from one file into another, from
 * each of which a reader comes back. A method of an interface leads to whatever implements it; a function that is named
 * counts as called, for it is handed over to be. docs/decisions/0090 says what the figures are for.
 */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** Where each walk begins, as `file:function`, and what it passes by: other PBXs and what runs on the side. */
interface Walk {
  readonly name: string;
  readonly from: readonly string[];
  readonly past: RegExp;
}

type Body = ts.FunctionLikeDeclaration;

const root = resolve(process.argv[2] ?? '.');
const src = join(root, 'src');
const walks: readonly Walk[] = JSON.parse(
  readFileSync(process.argv[3] ?? join(import.meta.dirname, 'walks.json'), 'utf8'),
  (key, value) => (key === 'past' ? new RegExp(value) : value),
);

const config = ts.getParsedCommandLineOfConfigFile(
  join(root, 'tsconfig.json'),
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
);
const program = ts.createProgram(config?.fileNames.filter((file) => file.startsWith(src)) ?? [], config?.options ?? {});
const checker = program.getTypeChecker();

const isBody = (node: ts.Node | undefined): node is Body =>
  node !== undefined && ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

const fileOf = (node: ts.Node): string => node.getSourceFile().fileName;

/** Who implements a member of an interface: by its symbol, methods of classes and of object literals. */
const implementers = new Map<ts.Symbol, ts.Declaration[]>();

const bases = (type: ts.Type): readonly ts.Type[] => (type.isIntersection() || type.isUnion() ? type.types : [type]);

const note = (type: ts.Type | undefined, member: ts.Declaration & { readonly name?: ts.Node | undefined }): void => {
  if (type === undefined || member.name === undefined) return;
  for (const each of bases(type)) {
    const property = each.getProperty(member.name.getText());
    if (property) implementers.set(property, [...(implementers.get(property) ?? []), member]);
  }
};

const index = (node: ts.Node): void => {
  if (ts.isClassDeclaration(node)) {
    const types = (node.heritageClauses ?? []).flatMap((clause) =>
      clause.types.map((type) => checker.getTypeAtLocation(type)),
    );
    for (const member of node.members) for (const type of types) note(type, member);
  }
  if (ts.isObjectLiteralExpression(node)) {
    const type = checker.getContextualType(node);
    for (const member of node.properties) note(type, member);
  }
  ts.forEachChild(node, index);
};

const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(src));
for (const file of ours) index(file);

/** The functions that a name in the code may stand for. */
const bodiesOf = (declaration: ts.Node, seen = new Set<ts.Node>()): readonly Body[] => {
  if (seen.has(declaration) || !fileOf(declaration).startsWith(src)) return [];
  seen.add(declaration);
  if (isBody(declaration)) return [declaration];
  const symbol = ts.isBindingElement(declaration)
    ? checker
        .getTypeAtLocation(declaration.parent)
        .getProperty((declaration.propertyName ?? declaration.name).getText())
    : checker.getSymbolAtLocation((declaration as ts.NamedDeclaration).name ?? declaration);
  const further = (symbol && implementers.get(symbol)) ?? [];
  const value = ts.isShorthandPropertyAssignment(declaration)
    ? checker.getShorthandAssignmentValueSymbol(declaration)?.declarations
    : undefined;
  const initialiser = (declaration as ts.VariableDeclaration).initializer;
  const given = initialiser === undefined ? [] : valuesOf(initialiser, seen);
  return [...given, ...[...further, ...(value ?? [])].flatMap((each) => bodiesOf(each, seen))];
};

/** A function, a name of one, or a table of them. */
const valuesOf = (node: ts.Node, seen: Set<ts.Node>): readonly Body[] => {
  if (isBody(node)) return [node];
  if (ts.isObjectLiteralExpression(node)) return node.properties.flatMap((each) => bodiesOf(each, seen));
  return ts.isSatisfiesExpression(node) || ts.isAsExpression(node)
    ? valuesOf(node.expression, seen)
    : named(node, seen);
};

const named = (node: ts.Node, seen?: Set<ts.Node>): readonly Body[] => {
  let symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return (symbol?.declarations ?? []).flatMap((declaration) => bodiesOf(declaration, seen));
};

/** Functions that `body` names, to call them or to hand them over, and classes it makes objects of. */
const calledBy = (body: Body): readonly Body[] => {
  const found: Body[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isCallExpression(node))
      found.push(...named(node.expression), ...node.arguments.flatMap((each) => named(each)));
    if (ts.isNewExpression(node)) {
      const type = checker.getTypeAtLocation(node).symbol?.valueDeclaration;
      if (type && ts.isClassDeclaration(type)) found.push(...type.members.filter(ts.isConstructorDeclaration));
    }
    ts.forEachChild(node, look);
  };
  if (body.body) look(body.body);
  return found;
};

const entry = (at: string): Body => {
  const [file = '', path = ''] = at.split(':');
  let node: ts.Node | undefined = program.getSourceFile(join(root, file));
  for (const name of path.split('.')) {
    const found: ts.Node[] = [];
    const look = (each: ts.Node): void => {
      const { name: has } = each as ts.NamedDeclaration;
      if (has?.getText() === name && !ts.isPropertyAccessExpression(each) && !ts.isMethodSignature(each))
        found.push(each);
      else ts.forEachChild(each, look);
    };
    if (node) ts.forEachChild(node, look);
    node = found[0];
  }
  const body = node && (isBody(node) ? node : bodiesOf(node)[0]);
  if (body === undefined) throw new Error(`no function at ${at}`);
  return body;
};

for (const { name, from, past } of walks) {
  const seen = new Set(from.map(entry));
  let returns = 0;
  for (const body of seen)
    for (const next of calledBy(body)) {
      const file = relative(root, fileOf(next));
      if (past.test(file)) continue;
      if (fileOf(next) !== fileOf(body)) returns++;
      seen.add(next);
    }
  const files = new Set([...seen].map(fileOf));
  process.stdout.write(`${name}: ${files.size} files, ${seen.size} functions, ${returns} returns\n`);
  if (process.env.WALKS_FILES === '1')
    for (const file of [...files].sort()) process.stdout.write(`  ${relative(root, file)}\n`);
}
