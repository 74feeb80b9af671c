### The words of the console's pages of members, roles and API keys. The rules for writing stand at the top of common.ftl.

## Permissions, as what somebody may do. A key is the permission’s name with hyphens.

permission-invitations-read = Ver las invitaciones
permission-invitations-issue = Invitar a personas
permission-invitations-amend = Modificar y prolongar invitaciones abiertas
permission-invitations-resend = Enviar de nuevo invitaciones
permission-invitations-revoke = Retirar invitaciones
permission-invitations-reveal = Ver el enlace y el código de una invitación
permission-invitations-sponsor = Hacerse cargo de invitaciones en suspenso
permission-members-read = Ver a los miembros
permission-members-update = Modificar a los miembros, desactivarlos y activarlos
permission-members-remove = Eliminar miembros
permission-roles-read = Ver los roles
permission-roles-write = Crear, modificar y eliminar roles
permission-api-keys-read = Ver las claves de API
permission-api-keys-write = Crear, renovar y revocar claves de API
permission-organization-read = Ver la configuración
permission-organization-write = Modificar la configuración
permission-dead-letters-read = Ver los mensajes no entregados
permission-dead-letters-replay = Enviar de nuevo los mensajes no entregados
permission-events-read = Leer el registro de auditoría
permission-subjects-read = Ver las fichas vinculadas
permission-subjects-write = Modificar las fichas vinculadas
permission-webhooks-read = Ver los webhooks
permission-webhooks-write = Modificar los webhooks

## What permissions are about: headings over the words above.

resource-invitations = Invitaciones
resource-members = Miembros
resource-roles = Roles
resource-api-keys = Claves de API
resource-organization = Organización
resource-dead-letters = Mensajes no entregados
resource-events = Registro de auditoría
resource-subjects = Fichas vinculadas
resource-webhooks = Webhooks
permissions-none = Ningún permiso.

## Lists and permissions, on every page of these.

people-search-button = Buscar
people-search-all = Mostrar todo
people-pages = Páginas de la lista
permissions-more = Permisos de sus propios programas
permissions-more-hint = Para programas que preguntan a este servicio qué puede hacer alguien. Un nombre por línea, como timesheets.write.
permissions-no-name = «{ $name }» no es el nombre de un permiso. Los nombres son como timesheets.write: en minúsculas y con un punto.

## Members.

members-title = Miembros
members-back = Todos los miembros
members-search = Nombre o dirección
members-count =
    { $count ->
        [one] { $count } miembro
       *[other] { $count } miembros
    }
members-name = Nombre
members-address = Inicia sesión con
members-role = Rol
members-no-role = Sin rol
members-state = Estado
members-active = activo
members-off = desactivado
members-since = Miembro desde
members-you = usted
members-about = Sobre este miembro
members-above = Este miembro tiene permisos que usted no tiene, por lo que no puede modificarlo ni eliminarlo.
members-change = Rol y permisos
members-role-hint = Solo aparecen los roles que usted puede dar.
members-direct = Permisos además del rol
members-direct-hint = Se conservan al cambiar de rol. Puede dar lo que usted tiene; el resto aparece atenuado.
members-effective = Qué puede hacer este miembro
members-effective-text = Por el rol y los permisos adicionales en conjunto.
members-effective-off = Nada mientras esté desactivado. El rol y los permisos vuelven a valer al activarlo.
members-steps = Desactivar o eliminar
members-switch-off = Desactivar
members-switch-off-text = El miembro sigue en la lista y no puede hacer nada hasta que se active de nuevo. Sus invitaciones abiertas quedan en suspenso.
members-switch-on = Activar
members-switch-on-text = El miembro está desactivado. Una vez activado, podrá hacer lo que digan su rol y sus permisos.
members-remove = Eliminar de la organización
members-remove-text = La pertenencia termina de inmediato. Las invitaciones abiertas de este miembro quedan en suspenso hasta que otra persona se haga cargo de ellas, y las claves de API que creó dejan de funcionar. La cuenta de la persona se conserva. Para volver necesitará una invitación nueva.
members-remove-button = Eliminar a este miembro
leave-link = Abandonar esta organización…
leave-title = Abandonar la organización
leave-text = Está a punto de abandonar { $organization }.
leave-what = Sus invitaciones abiertas quedan en suspenso y las claves de API que creó dejan de funcionar. Su cuenta se conserva. Para volver necesitará una invitación nueva.
leave-button = Abandonar
done-member-off = El miembro está desactivado.
done-member-on = El miembro está activado.
done-member-removed = El miembro se ha eliminado.
done-left = Ha abandonado la organización.

## Roles.

roles-title = Roles
roles-back = Todos los roles
roles-text = Un rol es un conjunto de permisos con un nombre. Cada miembro y cada invitación tiene como máximo uno.
roles-new = Nuevo rol
roles-make = Crear el rol
roles-name = Nombre del rol
roles-name-hint = Tal como aparece en la invitación. Como máximo 100 caracteres.
roles-name-taken = Otro rol tiene este nombre, o el nombre no es posible. Elija otro.
roles-description = Para qué sirve
roles-description-hint = Opcional. Como máximo 500 caracteres.
roles-may = Qué permite
roles-ceiling = Puede poner en un rol lo que usted tiene; el resto aparece atenuado.
roles-above = Este rol permite cosas que usted no puede hacer, por lo que no puede modificarlo ni eliminarlo.
roles-system = predefinido
roles-everything = Todo
roles-permissions =
    { $count ->
        [one] { $count } permiso
       *[other] { $count } permisos
    }
roles-save-text = Un cambio vale de inmediato para todas las personas con este rol. Las invitaciones abiertas que entonces darían más de lo que tiene quien las emitió quedan en suspenso.
roles-delete = Eliminar el rol
roles-delete-text = El rol desaparece para siempre. Solo se puede eliminar mientras ningún miembro ni ninguna invitación abierta lo tenga.
roles-delete-button = Eliminar este rol
role-about-owner = Puede hacerlo todo, también lo que añada una versión futura.
role-about-admin = Puede hacerlo todo salvo modificar la configuración y crear claves de API.
role-about-member = Ve las invitaciones, los miembros y los roles.
role-about-guest = Pertenece a la organización y no puede hacer nada aquí.
done-role-made = El rol se ha creado.
done-role-deleted = El rol se ha eliminado.

## API keys.

keys-title = Claves de API
keys-back = Todas las claves de API
keys-text = Un programa se identifica con una clave de API. Actúa en nombre del miembro que la creó y nunca puede hacer más que él.
keys-empty = Todavía no hay ninguna clave de API.
keys-new = Nueva clave de API
keys-make = Crear la clave
keys-name = Nombre de la clave
keys-name-hint = Para qué sirve la clave, para distinguirla. Como máximo 100 caracteres.
keys-prefix = Empieza por
keys-creator = Creada por
keys-created = Creada el
keys-used = Último uso
keys-never = nunca
keys-expires = Caduca
keys-expired = caducada
keys-expired-text = Esta clave ha caducado. Cree una nueva en su lugar.
keys-life = Válida durante
keys-life-ever = sin límite
keys-may = Qué puede hacer
keys-everything = Todo lo que puede quien la creó
keys-cut = En cada uso se limita a lo que quien la creó puede hacer en ese momento.
keys-ceiling = Puede dar a la clave lo que usted tiene; el resto aparece atenuado.
keys-scope-chosen = Solo lo marcado a continuación
keys-scope-everything = Todo lo que yo puedo hacer
keys-none-chosen = Marque al menos un permiso. Una clave sin permisos no abriría nada.
keys-about = Sobre esta clave
keys-steps = Renovar o revocar
keys-rotate = Renovar la clave
keys-rotate-text = La clave recibe un valor nuevo, que se muestra una sola vez. Su nombre, sus permisos y sus invitaciones se conservan.
keys-overlap = El valor anterior sigue valiendo
keys-overlap-hint = Tiempo para poner el valor nuevo en sus programas.
keys-overlap-none = Ya no vale
keys-overlap-until = Valor anterior válido hasta
keys-above = Esta clave permite cosas que usted no puede hacer, por lo que no puede renovarla. Sí puede revocarla.
keys-revoke = Revocar la clave
keys-revoke-text = La clave deja de funcionar de inmediato y para siempre. Las invitaciones abiertas que emitió quedan en suspenso hasta que alguien se haga cargo de ellas.
keys-revoke-button = Revocar esta clave
keys-made-title = La clave se ha creado
keys-rotated-title = La clave tiene un valor nuevo
keys-secret = Su clave de API
keys-secret-text = Cópiela ahora y guárdela como una contraseña: se muestra solo esta vez.
keys-secret-overlap = El valor anterior vale hasta el { $at }.
keys-secret-no-overlap = El valor anterior ya no funciona.
keys-copy = Copiar la clave
keys-copied = La clave está en el portapapeles.
done-key-revoked = La clave se ha revocado.
done-key-made-before = Esta clave ya se creó y su valor se mostró entonces. Si no guardó el valor, renueve la clave.
