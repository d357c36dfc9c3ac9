"""GitLab's API, as far as unroot-bot needs it (docs.gitlab.com/api)."""

import base64
import re
import urllib.parse

from forge import Forge, Refused


class GitLab(Forge):
    api_path = '/api/v4'
    scheme = 'Bearer'
    kind = 'gitlab'
    token_name = 'GITLAB_TOKEN'
    api_name = 'CI_API_V4_URL'

    def project(self, text):
        name = urllib.parse.unquote(text)
        for repository in self.repositories.values():
            if name in (repository.full_name, str(repository.number)):
                return repository
        raise Refused(404, '404 Project Not Found')

    def project_json(self, r):
        return {'id': r.number, 'path_with_namespace': r.full_name, 'default_branch': r.branch,
                'namespace': {'full_path': r.owner}, 'http_url_to_repo': f'{self.url}/{r.full_name}.git',
                'archived': r.archived, 'import_status': 'finished',
                'permissions': {'project_access': {'access_level': 20 if r.read_only else 40}, 'group_access': None}}

    def request_json(self, target, request):
        source = self.repositories[request['source']]
        state = 'merged' if request['merged'] else {'open': 'opened', 'closed': 'closed'}[request['state']]
        return {'iid': request['number'], 'state': state, 'title': request['title'], 'description': request['body'],
                'labels': request['labels'], 'source_branch': request['branch'], 'target_branch': request['base'],
                'source_project_id': source.number, 'target_project_id': target.number,
                'web_url': f"{self.url}/{target.full_name}/-/merge_requests/{request['number']}"}

    def handle(self, method, path, query, body):
        match = re.fullmatch(r'/projects/([^/]+)(?:/(.*))?', path)
        if not match:
            raise Refused(404, '404 Not Found')
        project, rest = self.project(match[1]), match[2] or ''
        for pattern, verb, function in self.routes:
            found = re.fullmatch(pattern, rest)
            if found and verb == method:
                return function(self, project, query, body, *map(urllib.parse.unquote, found.groups()))
        raise Refused(404, '404 Not Found')

    def get_project(self, project, query, body):
        return 200, self.project_json(project)

    def list_requests(self, project, query, body):
        found = [r for r in reversed(project.requests)
                 if r['branch'] == query['source_branch'] and r['base'] == query['target_branch']]
        return 200, [self.request_json(project, r) for r in found]

    def post_request(self, project, query, body):
        target = self.project(str(body.get('target_project_id', project.number)))
        labels = [x for x in body.get('labels', '').split(',') if x]
        try:
            request = self.open_request(target, project, body['source_branch'], body['target_branch'], body['title'],
                                        body['description'], body['title'].startswith('Draft: '), labels)
        except Refused as refused:
            if 'already exists' not in refused.message:
                raise
            raise Refused(409, ['Another open merge request already exists for this source branch']) from None
        return 201, self.request_json(target, request)

    def put_request(self, project, query, body, number):
        request = self.request_of(project, number)
        if 'description' in body:
            request['body'] = body['description']
        if 'title' in body:
            request['title'] = body['title']
        if body.get('state_event') == 'close':
            request['state'] = 'closed'
        for name in filter(None, body.get('add_labels', '').split(',')):
            if name not in request['labels']:
                request['labels'].append(name)
        return 200, self.request_json(project, request)

    def post_commit(self, project, query, body):
        """With start_sha and force the branch begins anew there."""
        tip = project.commit_of(body['branch'])
        if tip and not body.get('force'):
            raise Refused(400, "A branch with that name already exists")
        files = {}
        for action in body['actions']:
            if action['action'] != 'update':
                raise Refused(400, 'only updates are known here')
            entry = project.git('ls-tree', body['start_sha'], '--', action['file_path'])
            if not entry:
                raise Refused(400, "A file with this name doesn't exist")
            files[action['file_path']] = (entry.split()[0], base64.b64decode(action['content']))
        commit = project.write(files, body['commit_message'], body['branch'], body['start_sha'])
        return 201, {'id': commit, 'parent_ids': [body['start_sha']]}

    def delete_branch(self, project, query, body, branch):
        if not project.commit_of(branch):
            raise Refused(404, '404 Branch Not Found')
        project.git('update-ref', '-d', f'refs/heads/{branch}')
        return 204, None

    def fork(self, project, query, body):
        if f'{self.login}/{project.name}' in self.repositories:
            raise Refused(409, ['Project namespace name has already been taken'])
        return 201, self.project_json(self.fork_of(project))

    def list_forks(self, project, query, body):
        return 200, [self.project_json(r) for r in self.repositories.values() if r.parent is project]

    routes = [
        ('', 'GET', get_project),
        ('merge_requests', 'GET', list_requests),
        ('merge_requests', 'POST', post_request),
        (r'merge_requests/(\d+)', 'PUT', put_request),
        ('repository/commits', 'POST', post_commit),
        ('repository/branches/([^/]+)', 'DELETE', delete_branch),
        ('fork', 'POST', fork),
        ('forks', 'GET', list_forks),
    ]
