"""Runs a test against the fake of GitHub through @stoplight/prism-cli, which answers what the description of the API
in @octokit/openapi does not allow with an error. Both come from npm; without them the test is skipped."""

import json
import os
import pathlib
import runpy
import sys

import npm

PACKAGES = ['@octokit/openapi@23.0.2', '@stoplight/prism-cli@5.14.2']
PATHS = {
    '/repos/{owner}/{repo}': ['get'],
    '/repos/{owner}/{repo}/commits': ['get'],
    '/repos/{owner}/{repo}/forks': ['post'],
    '/repos/{owner}/{repo}/git/blobs': ['post'],
    '/repos/{owner}/{repo}/git/trees': ['post'],
    '/repos/{owner}/{repo}/git/commits': ['post'],
    '/repos/{owner}/{repo}/git/refs': ['post'],
    '/repos/{owner}/{repo}/git/refs/{ref}': ['patch', 'delete'],
    '/repos/{owner}/{repo}/pulls': ['get', 'post'],
    '/repos/{owner}/{repo}/pulls/{pull_number}': ['get', 'patch'],
    '/repos/{owner}/{repo}/pulls/{pull_number}/files': ['get'],
    '/repos/{owner}/{repo}/pulls/{pull_number}/reviews': ['get', 'post'],
    '/repos/{owner}/{repo}/issues/{issue_number}/labels': ['post'],
}


def subset(whole):
    """The operations that are needed, with all that they refer to. Answers are the fake's: they are not described."""
    any_answer = {str(status): {'description': ''} for status in (200, 201, 202, 204, '4XX', '5XX', 'default')}
    paths = {}
    for path, verbs in PATHS.items():
        item = whole['paths'][path]
        paths[path] = {verb: {**item[verb], 'responses': any_answer} for verb in verbs}
        if 'parameters' in item:
            paths[path]['parameters'] = item['parameters']
    components, open_ends = {}, [paths]
    while open_ends:
        node = open_ends.pop()
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        open_ends += [child for child in children if isinstance(child, (dict, list))]
        reference = node.get('$ref') if isinstance(node, dict) else None
        if isinstance(reference, str):
            _, _, kind, name = reference.split('/')
            if name not in components.setdefault(kind, {}):
                components[kind][name] = whole['components'][kind][name]
                open_ends.append(components[kind][name])
    return {'openapi': whole['openapi'], 'info': whole['info'], 'servers': [{'url': '/'}], 'paths': paths,
            'components': components}


def main():
    here, folder = pathlib.Path(__file__).parent, pathlib.Path(os.environ['NPM_FOLDER'])
    modules = npm.install(folder, PACKAGES)
    description = folder / 'described.json'
    whole = json.loads((modules / '@octokit/openapi/generated/api.github.com.json').read_text())
    description.write_text(json.dumps(subset(whole)))
    os.environ.update(PRISM=str(modules / '@stoplight/prism-cli/dist/index.js'), DESCRIPTION=str(description))
    sys.path.insert(0, str(here))
    sys.argv = [str(here / os.environ['PART'])]
    runpy.run_path(sys.argv[0], run_name='__main__')


if __name__ == '__main__':
    main()
